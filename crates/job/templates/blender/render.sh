#!/bin/sh
# Frames FIRST + rank, FIRST + rank + n, ... of a scene. A frame that is there already is not rendered again after a restart.
set -eu
first=$((FIRST + ${IOG_RANK:-0}))
step=${IOG_WORLD_SIZE:-1}
set -- --background scene.blend --render-output "$IOG_OUTPUT_DIR/frame-#####" --render-format PNG \
	--python-expr 'import bpy; bpy.context.scene.render.use_overwrite = False' ${ENGINE:+--engine "$ENGINE"} \
	--frame-start "$first" --frame-end "$LAST" --frame-jump "$step" --render-anim
case $ENGINE in CYCLES) set -- "$@" -- --cycles-device "$DEVICE" ;; esac
[ "$first" -gt "$LAST" ] || blender "$@"
# Blender leaves with 0 also where it could not read the scene.
frame=$first
while [ "$frame" -le "$LAST" ]; do
	[ -s "$IOG_OUTPUT_DIR/frame-$(printf %05d "$frame").png" ] || { echo "frame $frame is missing: see Blender's messages above" >&2; exit 1; }
	frame=$((frame + step))
done
