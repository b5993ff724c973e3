#!/bin/sh
# The linker that rustc calls. IOG_SBF_LLVM and IOG_SBF_LINKER are set by `cargo xtask build`.
set -u

exports='' output='' previous=''
for argument in "$@"; do
    case $previous in
        --export-symbols) exports=$argument ;;
        -o) output=$argument ;;
    esac
    previous=$argument
done

# rustc also links the cdylib of a dependency, which nobody loads and which may not link: leave an empty file.
if ! grep -qx entrypoint "$exports"; then
    : > "$output"
    exit 0
fi

# LLVM comes with a C library newer than the system's, so its own loader runs the linker.
messages=$("$IOG_SBF_LLVM/usr/lib64/ld-linux-x86-64.so.2" \
    --library-path "$IOG_SBF_LLVM/usr/lib/x86_64-linux-gnu:$IOG_SBF_LLVM/usr/lib/llvm-23/lib" \
    "$IOG_SBF_LINKER" "$@" 2>&1)
status=$?
[ -z "$messages" ] || printf '%s\n' "$messages" >&2

# The backend only reports a frame that outgrows the VM's 4096 bytes, and the program would fault when it gets there.
case $messages in
    *[Ss]tack*)
        echo 'a function needs more stack than a frame has: box large values, or use sort_unstable for sort' >&2
        rm -f "$output"
        exit 1
        ;;
esac
exit $status
