#!/usr/bin/env bash
# Draws the pictures, trains the encoder on them, and writes it to platform/models/packaged/drawings-clip.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder="${1:-$(mktemp -d)}"
echo "working in $folder"
npx tsx tools/drawings/main.ts 20000 1000000 "$folder/drawings"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --requirement tools/drawings/requirements.txt
"$folder/venv/bin/python" tools/drawings/train.py --data "$folder/drawings" --out platform/models/packaged/drawings-clip
npx vitest run tools/drawings
