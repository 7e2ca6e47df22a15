"""The real helm, to compare with: from $HELM or PATH, else built once from its published module into the tests' cache."""
import os, shutil, subprocess

VERSION = 'v3.17.3'


def helm():
    """The path of the program; None where there is none and no Go to build it with."""
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')), 'sluice-tests', 'helm-' + VERSION)
    for path in (os.environ.get('HELM'), shutil.which('helm'), os.path.join(cache, 'helm')):
        if path and os.path.exists(path):
            return path
    if not shutil.which('go'):
        return None
    built = subprocess.run(['go', 'install', 'helm.sh/helm/v3/cmd/helm@' + VERSION], env=dict(os.environ, GOBIN=cache, GOFLAGS=''),
                           capture_output=True, text=True)
    if built.returncode != 0:
        print('helm could not be built: ' + built.stderr[-500:])
        return None
    return os.path.join(cache, 'helm')
