# shellcheck shell=bash
# What every script needs: where the project is, and how scripts speak.
ZHUQI_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ZHUQI_ROOT
# shellcheck source=tools/lib/messages.sh
source "$ZHUQI_ROOT/tools/lib/messages.sh"
# shellcheck source=tools/lib/packages.sh
source "$ZHUQI_ROOT/tools/lib/packages.sh"
# shellcheck source=tools/lib/build.sh
source "$ZHUQI_ROOT/tools/lib/build.sh"
# shellcheck source=tools/lib/ports.sh
source "$ZHUQI_ROOT/tools/lib/ports.sh"
# shellcheck source=tools/lib/processes.sh
source "$ZHUQI_ROOT/tools/lib/processes.sh"
