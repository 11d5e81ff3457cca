"""Asks PyPI whether a pinned package has a known hole. Fails for a hole; where PyPI cannot be asked, it says so."""

import json
import subprocess
import sys

ASK = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner"]


def main() -> int:
    asked = subprocess.run([*ASK, "off", "-r", "requirements.txt"], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"NOT AUDITED: PyPI could not be asked: {asked.stderr.strip().splitlines()[-1:]}")
        return 0
    holes = [(package, hole) for package in packages for hole in package.get("vulns", ())]
    for package, hole in holes:
        print(f"{package['name']} {package['version']}: {hole['id']}, mended in {hole['fix_versions'] or 'no version'}")
    unknown = sum("skip_reason" in package for package in packages)
    print(f"Audited: {len(packages) - unknown} of {len(packages)} pinned packages; known holes: {len(holes)}.")
    if unknown:
        print(f"NOT AUDITED: PyPI, or the mirror in its place, says nothing of {unknown} packages.")
    return bool(holes)


if __name__ == "__main__":
    sys.exit(main())
