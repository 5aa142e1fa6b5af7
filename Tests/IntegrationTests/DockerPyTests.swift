// SPDX-License-Identifier: Apache-2.0

import Testing

/// Programs that use docker-py 7.1 (Fixtures/docker_py_scenarios.py).
@Suite(.serialized) struct DockerPyTests {
    @Test(arguments: [
        "system", "images", "run", "lifecycle", "wait_for_removal", "logs", "execute", "attach", "volumes", "networks",
        "events", "errors",
    ])
    func scenario(name: String) throws {
        try TestEngine.with { engine in
            let script = Project.root + "/Tests/IntegrationTests/Fixtures/docker_py_scenarios.py"
            var environment = engine.clientEnvironment
            environment["PYTHONPATH"] = Project.tools + "/python"
            let outcome = try run(
                ["python3", "-B", script, name, try Project.busybox()], environment: environment, timeout: 90)
            #expect(outcome.status == 0 && outcome.text == "ok", "\(outcome)")
        }
    }
}
