//! One run: wires the stages to the store; the only file that knows them all.
