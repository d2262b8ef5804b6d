//! The task `report`.

use std::fs;

use crate::support::help::Help;
use crate::support::web::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_written_beside_the_state_and_replaced_whole() {
    let help = Help::new(&[("a.md", "[gone](https://docs.acme.net/gone)\n")], |_| Reply::status(404)).await;
    help.write("schedules/all.toml", "cron = \"0 3 * * *\"\ntask = \"check\"\n");
    let report = "cron = \"0 5 * * *\"\ntask = \"report\"\nformats = [\"json\", \"markdown\"]\nfolder = \"out/drift\"\n";
    help.write("schedules/tell.toml", report);
    let early = help.run(&["run", "tell"]);
    assert_eq!(early.code, 1, "{}", early.stderr);
    assert!(early.stderr.contains("no run that came to its end"), "{}", early.stderr);

    assert_eq!(help.run(&["run", "all", "--format", "none"]).code, 2);
    let folder = help.path().join("out/drift");
    for round in 0..2 {
        let ran = help.run(&["run", "tell"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.starts_with("wrote 2 reports: "), "{}", ran.stdout);
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.join("report.json")).unwrap()).unwrap();
        assert_eq!(json["schema"], "linkdrift/report/1", "round {round}");
        assert_eq!(json["findings"][0]["rule"], "link/broken");
        assert!(fs::read_to_string(folder.join("report.md")).unwrap().contains("link/broken"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no part of a report is left");
    }
}
