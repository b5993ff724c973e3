#!/bin/sh
# The linker that rustc calls. IOG_SBF_LLVM and IOG_SBF_LINKER are set by `cargo xtask build`.
set -eu

# LLVM comes with a C library newer than the system's, so its own loader runs its programs.
with_llvm() {
    "$IOG_SBF_LLVM/usr/lib64/ld-linux-x86-64.so.2" \
        --library-path "$IOG_SBF_LLVM/usr/lib/x86_64-linux-gnu:$IOG_SBF_LLVM/usr/lib/llvm-23/lib" "$@"
}

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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Neither SBPF v3 nor LLVM's BPF before cpu v4 divides signed numbers. Each such instruction of up to 64 bits becomes a
# call into programs/sbf-abi; 128 bits are a library call already. $1 is LLVM's text, the result goes to $2.
replace_signed_division() {
    name='%([-a-zA-Z$._0-9]+)'
    sed -E \
        -e "s/^ *$name = (sdiv|srem) (exact )?i64 ([^,]+), ([^,]+)(.*)\$/  %\\1 = call i64 @__iog_\\2(i64 \\4, i64 \\5)\\6/" \
        -e "s/^ *$name = (sdiv|srem) (exact )?(i8|i16|i32) ([^,]+), ([^,]+)(.*)\$/  %iog.n.\\1 = sext \\4 \\5 to i64\\n  %iog.d.\\1 = sext \\4 \\6 to i64\\n  %iog.q.\\1 = call i64 @__iog_\\2(i64 %iog.n.\\1, i64 %iog.d.\\1)\\7\\n  %\\1 = trunc i64 %iog.q.\\1 to \\4/" \
        "$1" > "$2"
    for function in __iog_sdiv __iog_srem; do
        if ! grep -q "^define .*@$function(" "$2"; then
            echo "declare i64 @$function(i64, i64)" >> "$2"
        fi
    done
}

count=$#
number=0
while [ "$count" -gt 0 ]; do
    argument=$1
    shift
    count=$((count - 1))
    case $argument in
        *.rcgu.o)
            number=$((number + 1))
            with_llvm "$IOG_SBF_LLVM/usr/lib/llvm-23/bin/llvm-dis" "$argument" -o "$work/$number.ll"
            if grep -qE ' = (sdiv|srem) (exact )?i(8|16|32|64) ' "$work/$number.ll"; then
                replace_signed_division "$work/$number.ll" "$work/$number.new.ll"
                with_llvm "$IOG_SBF_LLVM/usr/lib/llvm-23/bin/llvm-as" "$work/$number.new.ll" -o "$work/$number.o"
                argument=$work/$number.o
            fi
            ;;
    esac
    set -- "$@" "$argument"
done

status=0
RUST_BACKTRACE=0 with_llvm "$IOG_SBF_LINKER" "$@" > "$work/messages" 2>&1 || status=$?
cat "$work/messages" >&2

# A frame that outgrows the VM's 4096 bytes faults when the program gets there.
if grep -qi 'stack limit' "$work/messages"; then
    echo 'a function needs more stack than a frame has: box large values, or use sort_unstable for sort' >&2
    rm -f "$output"
    exit 1
fi
exit "$status"
