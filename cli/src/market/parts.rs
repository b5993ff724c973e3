//! What an order is made of: classes, GPUs and machines, from the command line to the program's entries.

use super::class;
use crate::{
    context::Context,
    error::{CliError, Result},
    nouns::text,
};
use clap::Args;
use iog_client::{market::types::PartArgs, registry::accounts::HardwareClass};

/// An order's places for classes, alternatives counted, and its GPUs (`MAX_PARTS`, `MAX_GPUS` of the program's constants.rs).
const MAX_ENTRIES: usize = 4;
const MAX_GPUS: u32 = 4_096;
const NONE: PartArgs = PartArgs {
    class_id: 0,
    per_machine: 0,
    gpus: 0,
};

/// What is wanted: GPUs of one class, or several parts.
#[derive(Args, Debug)]
pub struct Shape {
    /// Class, by number or name, and others that will do at its price or less
    #[arg(long, value_name = "CLASS", num_args = 1.., value_delimiter = ',', requires = "gpus")]
    class: Vec<String>,
    /// GPUs, 1 to 4096
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    gpus: Option<u32>,
    /// Exactly so many GPUs on each machine; of classes that are not proved GPU by GPU
    #[arg(long, value_name = "GPUS", requires = "class", value_parser = clap::value_parser!(u16).range(1..=4096))]
    per_machine: Option<u16>,
    /// Instead of --class and --gpus, up to four times: classes that will do, GPUs, and how many on each machine
    #[arg(long = "part", value_name = "CLASS[,CLASS]:GPUS[@PER_MACHINE]", conflicts_with_all = ["class", "gpus", "per_machine"], value_parser = named)]
    parts: Vec<Named>,
}

/// A part as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its own class, and those that will do for it.
    classes: Vec<String>,
    gpus: u32,
    /// 0 for any.
    per_machine: u16,
}

/// A part whose classes were found.
#[derive(Clone, Debug)]
pub struct Part {
    pub class: HardwareClass,
    pub alternatives: Vec<HardwareClass>,
    pub gpus: u32,
    /// 0 for any.
    pub per_machine: u16,
}

/// `RTX 4090,RTX A6000:8@2`: the last colon parts classes from GPUs, for names may have one.
fn named(given: &str) -> std::result::Result<Named, String> {
    let wrong = || "use CLASS:GPUS or CLASS:GPUS@PER_MACHINE, such as \"RTX 4090:8\"".to_string();
    let (classes, size) = given.rsplit_once(':').ok_or_else(wrong)?;
    let (gpus, per_machine) = match size.split_once('@') {
        Some((gpus, machine)) => (gpus, Some(machine)),
        None => (size, None),
    };
    let gpus = gpus.parse().ok().filter(|gpus| *gpus > 0);
    let per_machine = match per_machine {
        Some(text) => text.parse().ok().filter(|machine| *machine > 0),
        None => Some(0),
    };
    let classes: Vec<String> = classes
        .split(',')
        .map(|name| name.trim().to_string())
        .collect();
    let known = classes.iter().all(|name| !name.is_empty());
    match (gpus, per_machine) {
        (Some(gpus), Some(per_machine)) if known => Ok(Named {
            classes,
            gpus,
            per_machine,
        }),
        _ => Err(wrong()),
    }
}

impl Shape {
    /// The GPUs where no class is named.
    pub fn gpus_only(&self) -> Option<u32> {
        self.gpus
    }

    /// All GPUs.
    pub fn gpus(&self) -> u32 {
        let of_parts = self.parts.iter().map(|part| part.gpus);
        self.gpus.unwrap_or(of_parts.fold(0, u32::saturating_add))
    }

    /// The parts, refused where no order could take them.
    pub fn named(&self) -> Result<Vec<Named>> {
        let parts = match (self.class.is_empty(), self.gpus) {
            (false, Some(gpus)) => vec![Named {
                classes: self.class.clone(),
                gpus,
                per_machine: self.per_machine.unwrap_or(0),
            }],
            _ => self.parts.clone(),
        };
        if parts.is_empty() {
            return Err(CliError::usage(
                "say what is wanted: --class <CLASS> --gpus <GPUS>, or --part <CLASS:GPUS>",
            ));
        }
        let entries: usize = parts.iter().map(|part| part.classes.len()).sum();
        if entries > MAX_ENTRIES {
            return Err(CliError::usage(
                "an order takes at most 4 classes, those that will do counted",
            ));
        }
        let gpus = parts.iter().map(|part| part.gpus);
        if gpus.fold(0u32, u32::saturating_add) > MAX_GPUS {
            return Err(CliError::usage("an order takes at most 4096 GPUs"));
        }
        for part in &parts {
            part.require_whole()?;
        }
        Ok(parts)
    }
}

impl Named {
    fn require_whole(&self) -> Result<()> {
        let machine = u32::from(self.per_machine.max(1));
        if self.gpus.is_multiple_of(machine) {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "{} GPUs are no whole machines of {machine}",
            self.gpus
        )))
    }
}

/// Finds the classes of all parts.
pub async fn find(context: &Context, named: &[Named]) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for part in named {
        let mut classes = Vec::new();
        for name in &part.classes {
            classes.push(class(context, name).await?);
        }
        let mut classes = classes.into_iter();
        let Some(first) = classes.next() else {
            continue;
        };
        parts.push(Part {
            class: first,
            alternatives: classes.collect(),
            gpus: part.gpus,
            per_machine: part.per_machine,
        });
    }
    check(&parts)?;
    Ok(parts)
}

/// What the program refuses too, but in other words.
fn check(parts: &[Part]) -> Result<()> {
    let mut known: Vec<u16> = Vec::new();
    for part in parts {
        for class in part.classes() {
            if known.contains(&class.id) {
                let name = text(&class.name);
                return Err(CliError::usage(format!("class {name} is named twice")));
            }
            known.push(class.id);
            if class.proof_valid_hours > 0 && u32::from(part.per_machine) > class.max_cards {
                return Err(CliError::usage(format!(
                    "devices of class {} prove at most {} GPUs together: ask for that many on a machine, or leave @{} away",
                    text(&class.name),
                    class.max_cards,
                    part.per_machine
                )));
            }
        }
    }
    Ok(())
}

impl Part {
    pub fn classes(&self) -> impl Iterator<Item = &HardwareClass> {
        std::iter::once(&self.class).chain(&self.alternatives)
    }

    /// For people: `8 GPUs of RTX 4090 or RTX A6000, 2 a machine`.
    pub fn words(&self) -> String {
        let classes: Vec<String> = self.classes().map(|class| text(&class.name)).collect();
        let machine = match self.per_machine {
            0 => String::new(),
            count => format!(", {count} a machine"),
        };
        format!("{} GPUs of {}{machine}", self.gpus, classes.join(" or "))
    }
}

/// The program's entries: each part, and behind it the classes that will do for it.
pub fn entries(parts: &[Part]) -> Result<[PartArgs; MAX_ENTRIES]> {
    let listed = parts.iter().flat_map(|part| {
        let own = PartArgs {
            class_id: part.class.id,
            per_machine: part.per_machine,
            gpus: part.gpus,
        };
        let others = part.alternatives.iter().map(|class| PartArgs {
            class_id: class.id,
            ..NONE
        });
        std::iter::once(own).chain(others)
    });
    let mut entries = [NONE; MAX_ENTRIES];
    let mut places = entries.iter_mut();
    for entry in listed {
        let place = places.next();
        *place.ok_or_else(|| CliError::usage("an order takes at most 4 classes"))? = entry;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    fn class(id: u16, proof_valid_hours: u32) -> HardwareClass {
        let mut class: HardwareClass = blank();
        (class.id, class.proof_valid_hours) = (id, proof_valid_hours);
        class
    }

    fn part(ids: &[u16], gpus: u32, per_machine: u16) -> Part {
        Part {
            class: class(ids[0], 0),
            alternatives: ids[1..].iter().map(|id| class(*id, 0)).collect(),
            gpus,
            per_machine,
        }
    }

    #[test]
    fn parts_are_classes_gpus_and_machines() {
        let parsed = named("H100 80GB HBM3, H100 PCIe:16@8").unwrap();
        assert_eq!(parsed.classes, ["H100 80GB HBM3", "H100 PCIe"]);
        assert_eq!((parsed.gpus, parsed.per_machine), (16, 8));
        let plain = named("odd:name:3").unwrap();
        assert_eq!(
            (plain.classes, plain.gpus, plain.per_machine),
            (vec!["odd:name".to_string()], 3, 0)
        );
        for bad in [
            "H100", "H100:", "H100:0", "H100:8@", "H100:8@0", ":8", "a,,b:8", "H100:x",
        ] {
            assert!(named(bad).is_err(), "{bad}");
        }
        assert_eq!(
            named("H100:9@8")
                .unwrap()
                .require_whole()
                .unwrap_err()
                .exit_code(),
            2
        );
    }

    #[test]
    fn entries_are_parts_with_their_alternatives_behind_them() {
        let listed = entries(&[part(&[3, 1], 8, 0), part(&[7], 4, 2)]).unwrap();
        let all = listed.map(|entry| (entry.class_id, entry.gpus, entry.per_machine));
        assert_eq!(all, [(3, 8, 0), (1, 0, 0), (7, 4, 2), (0, 0, 0)]);
        assert!(entries(&[part(&[1, 2, 3], 1, 0), part(&[4, 5], 1, 0)]).is_err());
    }

    #[test]
    fn a_class_stands_once_and_proves_so_many_gpus_together() {
        assert!(check(&[part(&[1], 1, 0), part(&[2, 1], 1, 0)]).is_err());
        let mut proved = part(&[1], 8, 8);
        check(&[proved.clone()]).unwrap();
        (proved.class.proof_valid_hours, proved.class.max_cards) = (3, 4);
        assert!(check(&[proved.clone()]).is_err());
        proved.per_machine = 4;
        check(&[proved]).unwrap();
    }
}
