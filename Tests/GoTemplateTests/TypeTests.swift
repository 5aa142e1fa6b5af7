// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import GoTemplate

private let type = GoType([
    "Id": "", "Pid": 0, "State*": ["Status": "", "Health?*": ["Log": [""]]], "Args": [""], "Size?": 0,
    "Mounts": [["Type?": "", "Source": ""]], "Ports": ["": [["HostIp": "", "HostPort": ""]]], "Seen": "time",
    "Limit": .null,
])

private let value: JSONValue = [
    "Ports": ["80/tcp": [["HostPort": "8080"]]], "Extra": 1, "Mounts": [["Source": "/a", "Type": "bind"]], "Id": "x",
    "State": ["Status": "running"],
]

/// JSON that is read into a type of Go's is printed as Go would print that type.
@Suite struct TypeTests {
    @Test(
        arguments: [
            ("{{json .State}}", #"{"Status":"running"}"#),
            (
                "{{json .}}",
                #"{"Id":"x","Pid":0,"State":{"Status":"running"},"Args":null,"Mounts":[{"Type":"bind","Source":"/a"}],"#
                    + #""Ports":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"Seen":"0001-01-01T00:00:00Z","Limit":null}"#
            ),
            ("{{.State}} {{.Mounts}} {{.Ports}}", "{running <nil>} [{bind /a}] map[80/tcp:[{ 8080}]]"),
            ("{{.State.Health}} {{.Limit}} {{.Args}} {{len .Args}} {{.ID}} {{.Size}}", "<nil> <nil> [] 0 x 0"),
            ("{{if .State.Health}}y{{else}}n{{end}}{{if .Args}}y{{else}}n{{end}}{{if .State}}y{{end}}", "nny"),
            (
                "{{range .Mounts}}{{.Type}}{{end}}{{range $k, $v := .Ports}}{{$k}}{{(index $v 0).HostIP}}{{end}}",
                "bind80/tcp"
            ),
            ("{{(index (index .Ports \"80/tcp\") 0).HostPort}} {{index .Ports \"81/tcp\"}}", "8080 []"),
            ("{{.Seen}}", "0001-01-01 00:00:00 +0000 UTC"),
        ])
    func prints(_ template: String, _ wanted: String) throws {
        #expect(try Template(template).apply(.typed(value, type)) == wanted)
    }

    @Test(arguments: ["{{.Nope}}", "{{.Extra}}", "{{.State.Health.Log}}", "{{.State.Nope}}", "{{.Id}}"])
    func whatTheTypeLacksIsAnError(_ template: String) throws {
        let parsed = try Template(template)
        #expect(throws: TemplateError.self) { try parsed.apply(.typed(value, type)) }
    }
}
