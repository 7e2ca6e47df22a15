import importlib.util, os, sys

# the fixtures of the integration tests: cluster, repository, make_daemon
_path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'integration', 'conftest.py')
_spec = importlib.util.spec_from_file_location('integration_conftest', _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
globals().update({name: getattr(_module, name) for name in dir(_module) if not name.startswith('__')})
