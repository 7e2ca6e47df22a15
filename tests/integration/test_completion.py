"""What the shells are given to complete commands and flags with."""
import os, shutil, subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SLUICE = os.environ.get('SLUICE', os.path.join(ROOT, 'build/release/sluice'))


def completed(*words):
    """The words that bash offers for the last of `words`."""
    line = ' '.join("'%s'" % word for word in ('sluice',) + words)
    script = 'source <("$SLUICE" completion bash); COMP_WORDS=(%s); COMP_CWORD=%d; _sluice; printf "%%s\\n" "${COMPREPLY[@]}"' % (line, len(words))
    done = subprocess.run(['bash', '-c', script], env=dict(os.environ, SLUICE=SLUICE), capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes_commands_and_their_flags():
    assert completed('tem') == ['template']
    assert completed('token', '') == ['create', 'list', 'revoke']
    assert completed('approve', '7', '--dig') == ['--digest']
    assert '--detailed-exitcode' in completed('plan', '--det')
    assert completed('diff', '--det') == completed('plan', '--det'), 'an alias completes as its command'


def test_bash_completes_files_where_no_command_follows(tmp_path, monkeypatch):
    (tmp_path / 'helmfile.yaml').write_text('')
    monkeypatch.chdir(tmp_path)
    assert completed('plan', '-f', 'helm') == ['helmfile.yaml']


def test_every_command_is_in_every_script():
    help_text = subprocess.run([SLUICE, '--help'], capture_output=True, text=True, timeout=20).stdout
    commands = [line.split()[0].rstrip(',') for line in help_text.split('Subcommands:')[1].splitlines() if line.startswith('  ') and line[2] != ' ']
    assert len(commands) > 25
    for shell in ('bash', 'zsh', 'fish'):
        script = subprocess.run([SLUICE, 'completion', shell], capture_output=True, text=True, timeout=20).stdout
        assert all(command in script for command in commands)


def test_another_shell_is_wrong_usage():
    done = subprocess.run([SLUICE, 'completion', 'tcsh'], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and 'tcsh' in done.stderr


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_the_script_is_good_syntax(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip('SKIPPED LOUDLY: no %s here, so its completion was not tried' % shell)
    script = tmp_path / 'script'
    script.write_text(subprocess.run([SLUICE, 'completion', shell], capture_output=True, text=True, timeout=20).stdout)
    subprocess.run([shell, '-n', str(script)], check=True, timeout=20)
