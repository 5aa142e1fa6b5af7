// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// Calls about processes that are started in running containers.
extension EngineClient {
    /// Returns the new exec's ID.
    package func createExec(_ ref: String, _ request: ExecCreateRequest) throws(ClientError) -> String {
        let answer: IDResponse = try json("POST", "/containers/\(ref)/exec", body: request)
        return answer.id
    }

    /// Starts it with its streams connected to the caller.
    package func startExec(_ id: String, _ request: ExecStartRequest) throws(ClientError) -> HijackedStream {
        try hijack("/exec/\(id)/start", body: request)
    }

    /// Starts it and leaves it alone.
    package func startDetachedExec(_ id: String, terminal: Bool) throws(ClientError) {
        try call("POST", "/exec/\(id)/start", body: ExecStartRequest(detach: true, tty: terminal))
    }

    package func inspectExec(_ id: String) throws(ClientError) -> ExecInspect { try json("GET", "/exec/\(id)/json") }

    package func resizeExec(_ id: String, height: Int, width: Int) throws(ClientError) {
        try call("POST", "/exec/\(id)/resize", query: [("h", String(height)), ("w", String(width))])
    }
}
