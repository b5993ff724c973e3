//! The class that is measured.

use super::{usage, PowArgs};
use crate::Failure;
use iog_client::registry::HardwareClass;
use iog_pow::{Shape, ShapeError};

pub(super) struct Target {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// Slots that the class gives for the commit.
    pub(super) commit_slots: Option<u32>,
}

pub(super) fn read(args: &PowArgs) -> Result<Target, Failure> {
    if let (Some(rows), Some(tiles), Some(waves)) = (args.rows, args.tiles, args.waves) {
        return Ok(Target {
            name: "custom".into(),
            shape: shape(Shape::new(rows, tiles, waves, args.cards))?,
            commit_slots: None,
        });
    }
    match &args.url {
        Some(url) => on_chain(url, &args.class, args.cards),
        None if args.class == "test" => Ok(Target {
            name: "test".into(),
            shape: shape(Shape::TEST.with_cards(args.cards))?,
            commit_slots: None,
        }),
        None => Err(usage(format!(
            "only the class `test` is known without a network; give --url to read `{}` from one, or --rows, --tiles and --waves",
            args.class
        ))),
    }
}

fn on_chain(url: &str, wanted: &str, cards: u32) -> Result<Target, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| usage(format!("threads: {error}")))?;
    let classes = runtime.block_on(iog_keeper::classes(url))?;
    let id: Option<u16> = wanted.parse().ok();
    let found = classes
        .iter()
        .find(|class| name(class) == wanted || Some(class.id) == id);
    let class = found.ok_or_else(|| {
        let names: Vec<String> = classes.iter().map(name).collect();
        usage(format!(
            "the network has no class `{wanted}`; it has: {}",
            names.join(", ")
        ))
    })?;
    if cards > class.max_cards {
        return Err(usage(format!(
            "devices of class `{}` have at most {} cards",
            name(class),
            class.max_cards
        )));
    }
    Ok(Target {
        name: name(class),
        shape: shape(Shape::new(class.rows, class.tiles, class.waves, cards))?,
        commit_slots: Some(class.commit_slots),
    })
}

fn name(class: &HardwareClass) -> String {
    let text = String::from_utf8_lossy(&class.name);
    text.trim_end_matches('\0').to_string()
}

fn shape(shape: Result<Shape, ShapeError>) -> Result<Shape, Failure> {
    shape.map_err(|error| usage(error.to_string()))
}
