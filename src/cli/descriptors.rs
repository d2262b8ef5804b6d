//! How many files and connections this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Enough for every visit at once, the state, the entries and whoever watches.
const ENOUGH: u64 = 65_536;

/// Takes as many as the system lets us have: what is granted without asking (1024 at most places) is meant for programs that use
/// `select(2)`, and we do not. Where it is not to be had, what there is must do.
pub fn take_descriptors() {
    let granted = getrlimit(Resource::Nofile);
    if let Some(current) = wanted(granted.current, granted.maximum) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..granted });
    }
}

/// The limit to ask for; `None` where what is granted is the most, or enough. No number stands for no limit.
fn wanted(current: Option<u64>, maximum: Option<u64>) -> Option<u64> {
    let most = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    current.filter(|current| *current < most).map(|_| most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_is_allowed_and_never_less_than_there_is() {
        for (current, maximum, expected) in [
            (Some(1024), Some(524_288), Some(ENOUGH)),
            (Some(1024), Some(4096), Some(4096)),
            (Some(1024), None, Some(ENOUGH)),
            (Some(40), Some(40), None),
            (Some(1_000_000), Some(1_000_000), None),
            (None, None, None),
        ] {
            assert_eq!(wanted(current, maximum), expected, "{current:?} {maximum:?}");
        }
    }
}
