#!/usr/bin/env python3
"""A folder includes itself and folders above it in CMakeLists.txt's list, never one below; core includes nothing that waits or stores."""
import os, re, sys

order = re.search(r'set\(SLUICE_FOLDERS\n(.*?)\)', open('CMakeLists.txt').read(), re.S).group(1).split()
place = {folder: number for number, folder in enumerate(order)}
wrong, seen = [], 0
for folder in order:
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(('.hpp', '.cpp')):
                continue
            path, seen = os.path.join(root, name), seen + 1
            for number, line in enumerate(open(path), 1):
                inner = re.match(r'#include "((?:core|server)/[a-z]+)/', line)
                if inner and place.get(inner.group(1), -1) > place[folder]:
                    wrong.append('%s:%d: includes %s, which is below %s' % (path, number, inner.group(1), folder))
                if folder.startswith('core/') and re.match(r'#include <(boost/|sqlite3|spdlog)', line):
                    wrong.append('%s:%d: core is without %s' % (path, number, line.strip()))
print('\n'.join(wrong) or '%d files keep the order of layers' % seen)
sys.exit(1 if wrong or seen == 0 else 0)
