"""`auld completion`: what makes a shell complete these words."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_(shell: str) -> None:
    """Print what completes the words of auld in your shell.

    \b
    bash  auld completion bash > ~/.local/share/bash-completion/completions/auld
    zsh   auld completion zsh > ~/.zfunc/_auld     (a folder of your fpath)
    fish  auld completion fish > ~/.config/fish/completions/auld.fish
    """
    from click.shell_completion import get_completion_class

    from agent.cli.commands import cli

    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(cli, {}, "auld", "_AULD_COMPLETE")
    click.echo(made.source_template % made.source_vars())  # `source()` would run bash to see how old it is
