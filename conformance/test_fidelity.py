"""What the gateway's records say of calls of every service, beside what boto3 sent and got."""

import fidelity


def test_records_of_all_services_say_what_was_called_and_answered(binary):
    results, skipped = fidelity.measure(binary, None)
    services = {result.call.service for result in results}
    wrong = [f"{result.call.service} {result.call.operation}: {'; '.join(result.wrong)}" for result in results if result.wrong]
    print(fidelity.report(results, skipped))
    assert len(results) >= 1000 and len(services) >= 60, fidelity.report(results, skipped)
    assert len(wrong) <= 0.02 * len(results), "\n".join(wrong)
