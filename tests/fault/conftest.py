import importlib.util, os, sys

# the fixtures of the integration tests: cluster, repository, make_daemon
_path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'integration', 'conftest.py')
_spec = importlib.util.spec_from_file_location('integration_conftest', _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
sys.path.append(os.path.dirname(_path))  # and what the tests there share
globals().update({name: getattr(_module, name) for name in dir(_module) if not name.startswith('__')})

import mmap, struct, subprocess

import pytest


class Shim:
    """What the preloaded library (shim.c) does to a daemon that runs."""
    FIELDS = ('wall', 'steady', 'alloc', 'write', 'delay', 'sync', 'room')

    def __init__(self, library, folder):
        self.library, self.path = library, os.path.join(folder, 'control')
        with open(self.path, 'wb') as f:
            f.write(bytes(8 * len(self.FIELDS)))
        with open(self.path, 'r+b') as f:
            self.memory = mmap.mmap(f.fileno(), 0)

    def set(self, **fields):
        for name, value in fields.items():
            struct.pack_into('q', self.memory, 8 * self.FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from('q', self.memory, 8 * self.FIELDS.index(name))[0]

    def environment(self, daemon, **more):
        return dict(more, LD_PRELOAD=self.library, SHIM_CONTROL=self.path, SHIM_FOLDER=daemon.folder + '/data/sluice.db')  # and what belongs to it


@pytest.fixture(scope='session')
def shim_library(tmp_path_factory):
    library = str(tmp_path_factory.mktemp('shim') / 'shim.so')
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shim.c')
    subprocess.run(['cc', '-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], check=True)
    return library


@pytest.fixture
def shim(shim_library, tmp_path):
    return Shim(shim_library, str(tmp_path))


@pytest.fixture
def idle(repository, make_daemon):
    """A daemon without a cluster, and without sanitizers, which want to be preloaded themselves."""
    repository.write('helmfile.yaml', 'releases: []\n')
    return make_daemon(repository, None)
