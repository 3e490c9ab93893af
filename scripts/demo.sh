#!/usr/bin/env bash
# Generates demo/my-service, then lets SAM CLI, cfn-lint and samgen judge it. Needs no AWS credentials.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
export PATH SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-west-2

failures=0
verdicts=0

# verdict WHAT COMMAND...: runs the command; says what it judged, and shows its words where it objects.
verdict() {
    local what=$1 words
    shift
    verdicts=$((verdicts + 1))
    if words=$("$@" 2>&1); then
        printf '  ok      %s\n' "$what"
    else
        failures=$((failures + 1))
        printf '  FAILED  %s\n%s\n' "$what" "$words"
    fi
}

rm -rf demo
mkdir demo
samgen new my-service --no-input --output-dir demo --no-git

printf '\nValidating demo/my-service with the tools themselves:\n'
cd demo/my-service
while IFS= read -r template; do
    verdict "sam validate         $template" sam validate --template "$template"
    verdict "sam validate --lint  $template" sam validate --lint --template "$template"
    verdict "cfn-lint             $template" cfn-lint "$template"
done < <(find . -name template.yaml -not -path '*/.aws-sam/*' | sed 's|^\./||' | sort)
verdict 'samgen validate      source, expanded templates, links between stacks' samgen validate .

if [ "$failures" -gt 0 ]; then
    printf '\n%d of %d verdicts have findings.\n' "$failures" "$verdicts"
    exit 1
fi
printf '\n0 findings in %d verdicts. The project is in demo/my-service.\n' "$verdicts"
