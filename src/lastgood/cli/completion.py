"""``lastgood completion``: the scripts by which shells ask ``completing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lastgood.cli.commands import codes
from lastgood.cli.options import Choice, argument, command

if TYPE_CHECKING:
    from lastgood.cli.running import Session

BASH = r"""# bash completion for lastgood
_lastgood() {
    local kind value more program
    program=$(type -P -- "$1") || program=lastgood
    COMPREPLY=()
    while IFS=$'\t' read -r kind value more; do
        case $kind in
            plain) printf -v value %q "$value"; COMPREPLY+=("$value") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="$2" _LASTGOOD_COMPLETE=bash "$program" 2>/dev/null)
}
complete -o nosort -F _lastgood lastgood 2>/dev/null || complete -F _lastgood lastgood
"""

ZSH = r"""#compdef lastgood
_lastgood_complete() {
    local kind value more
    local -a plain explained
    while IFS=$'\t' read -r kind value more; do
        case $kind in
            plain) [[ -n $more ]] && explained+=("${value//:/\\:}:$more") || plain+=("$value") ;;
            file) [[ $PREFIX == --*=* ]] && compset -P '*='; _files ;;
            dir) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ ;;
        esac
    done < <(COMP_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" _LASTGOOD_COMPLETE=zsh lastgood 2>/dev/null)
    (( $#explained )) && _describe -V lastgood explained
    (( $#plain )) && compadd -V lastgood -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _lastgood_complete "$@"
else
    compdef _lastgood_complete lastgood
fi
"""

FISH = r"""# fish completion for lastgood
function __lastgood_complete
    set -l word (commandline -ct)
    set -l flag (string match -r -- '^--[^=]*=' "$word")
    set -l line (commandline -cp | string collect)
    for one in (env COMP_LINE="$line" _LASTGOOD_COMPLETE=fish lastgood 2>/dev/null)
        set -l part (string split -m 2 \t -- "$one")
        switch $part[1]
            case plain
                echo -- $part[2]\t$part[3]
            case file
                for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word"))
                    echo -- "$flag$path"
                end
            case dir
                for path in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$word") '')
                    echo -- "$flag$path"
                end
        end
    end
end
complete -c lastgood -e
complete -c lastgood -f -k -a '(__lastgood_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def completion(session: Session, shell: str) -> int:
    """Print the script that completes commands in a shell.

    It completes commands, flags and their values, files, the contexts of the kubeconfig, and the names and numbers of
    releases, for which it asks the cluster: for a second at most, and silently. Completion of `kubectl lastgood` needs
    no script but kubectl's own.
    """
    click.echo(SCRIPTS[shell], file=session.outside.out, nl=False)
    return 0


COMMAND = command(
    completion,
    [argument("shell", type=Choice(list(SCRIPTS)), metavar="bash|zsh|fish")],
    "# bash: in ~/.bashrc, source <(lastgood completion bash)",
    "completion bash > ~/.local/share/bash-completion/completions/lastgood",
    "# zsh: in ~/.zshrc after compinit, source <(lastgood completion zsh)",
    "completion zsh > ~/.zsh/completions/_lastgood",
    "# fish",
    "completion fish > ~/.config/fish/completions/lastgood.fish",
    exits=codes(0, 2),
)
