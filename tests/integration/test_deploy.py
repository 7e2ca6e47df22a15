"""The units in deploy/: hardened as promised, and asking for what the program does."""
import os, re, shutil, subprocess

import pytest

from conftest import ROOT

SERVICE, SOCKET = (os.path.join(ROOT, 'deploy', name) for name in ('sluice.service', 'sluice.socket'))


def lines(path, key):
    return [line.split('=', 1)[1] for line in open(path).read().splitlines() if line.startswith(key + '=')]


def test_the_exposure_of_the_service_is_at_most_1_5():
    if not shutil.which('systemd-analyze'):
        pytest.skip('SKIPPED LOUDLY: no systemd-analyze, so the exposure of the unit was not measured')
    done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=15', SERVICE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    score = re.search(r'Overall exposure level for \S+: ([\d.]+)', done.stdout)
    assert score and float(score.group(1)) <= 1.5 and done.returncode == 0, done.stdout


def test_every_secret_comes_as_a_credential_and_none_from_the_environment():
    names = [line.split(':')[0] for line in lines(SERVICE, 'LoadCredential')]
    assert {'encryption_key', 'kubeconfig', 'github_webhook_secret'} <= set(names)
    assert lines(SERVICE, 'Environment') == [] and lines(SERVICE, 'EnvironmentFile') == []


def test_the_service_is_watched_restarted_and_given_time_to_drain():
    assert lines(SERVICE, 'Type') == ['notify'] and lines(SERVICE, 'WatchdogSec') == ['30'] and lines(SERVICE, 'Restart') == ['always']
    assert int(lines(SERVICE, 'TimeoutStopSec')[0]) >= 90 and lines(SERVICE, 'LimitCORE') == ['0']
    assert lines(SOCKET, 'Backlog') == ['4096'] and len(lines(SOCKET, 'ListenStream')) == 1
