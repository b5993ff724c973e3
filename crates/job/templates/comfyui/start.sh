#!/bin/sh
# Packages that the image lacks go beneath /work: the image itself is read-only.
set -eu
export PYTHONUSERBASE=/work/.python PIP_NO_CACHE_DIR=1 PIP_BREAK_SYSTEM_PACKAGES=1
python3 -m pip install --user -r ComfyUI/requirements.txt
cd ComfyUI
exec python3 main.py --listen 127.0.0.1 --port 8188 --output-directory "$IOG_OUTPUT_DIR"
