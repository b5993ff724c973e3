//! What is compiled in.

use super::File;

pub struct Written {
    pub name: &'static str,
    pub header: &'static str,
    pub job: &'static str,
    pub files: &'static [File],
}

macro_rules! templates {
    ($($name:literal: [$($file:literal),*]),+ $(,)?) => {
        pub const TEMPLATES: &[Written] = &[$(Written {
            name: $name,
            header: include_str!(concat!("../../templates/", $name, "/template.yaml")),
            job: include_str!(concat!("../../templates/", $name, "/job.yaml")),
            files: &[$(($file, include_str!(concat!("../../templates/", $name, "/", $file)))),*],
        }),+];
    };
}

templates! {
    "blender": ["render.sh"],
    "comfyui": ["start.sh"],
    "embeddings": ["embed.py"],
    "jupyter": [],
    "llama-cpp": [],
    "lora": ["config.yaml"],
    "pytorch-ddp": ["train.py"],
    "ray": [],
    "ray-search": ["search.py"],
    "ssh": [],
    "vllm": [],
    "whisper": ["transcribe.sh"],
}
