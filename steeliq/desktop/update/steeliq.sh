#!/bin/sh
# Starts the kit that the file "current" beside it names. Written by "steeliq update"; needs nothing but a shell.
self=$0
case $self in */*) here=${self%/*} ;; *) here=. ;; esac
here=$(CDPATH='' cd -- "${here:-/}" && pwd -P) || exit 1
if [ ! -f "$here/current" ] && [ -h "$self" ]; then # a link to this file: readlink is not a builtin of every shell
    PATH=${PATH:+$PATH:}/usr/bin:/bin
    self=$here/${self##*/}
    while [ -h "$self" ]; do
        to=$(readlink -- "$self") || exit 1
        case $to in /*) self=$to ;; *) self=${self%/*}/$to ;; esac
    done
    here=$(CDPATH='' cd -- "${self%/*}" && pwd -P) || exit 1
fi
active='' previous=''
if [ -r "$here/current" ]; then
    { IFS= read -r active; IFS= read -r previous; } <"$here/current"
fi
for kit in "$active" "$previous"; do
    case $kit in '' | .* | */*) continue ;; esac
    if [ -x "$here/$kit/steeliq" ]; then
        [ "$kit" = "$active" ] || echo "steeliq: $here/$active has gone; this is the kit before it, $kit" >&2
        exec "$here/$kit/steeliq" "$@"
    fi
done
echo "steeliq: $here/current names no kit that is there (found '$active'); start the file 'steeliq' of a kit's folder" >&2
exit 1
