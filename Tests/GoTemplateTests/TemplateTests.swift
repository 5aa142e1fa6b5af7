// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import GoTemplate

private let data: JSONValue = [
    "Name": "web", "Id": "abc123", "Count": 3, "Ratio": .double(1.5), "On": true, "Off": false, "Nothing": .null,
    "Empty": [], "List": ["a", "b", "c"], "Labels": ["z": "1", "a": "2"],
    "State": ["Status": "running", "Pid": 42, "Health": ["Log": ["x", "y"]]],
    "Ports": ["80/tcp": [["HostIp": "0.0.0.0", "HostPort": "8080"]], "81/udp": .null],
    "Mounts": [["Type": "bind", "Destination": "/b"], ["Type": "volume", "Destination": "/data"]],
]

@Suite struct TemplateTests {
    @Test(
        arguments: [
            ("plain", "plain"),
            ("{{.Name}}", "web"),
            ("{{.ID}} {{.state.PID}}", "abc123 42"),
            ("{{ .State.Status }}/{{.State.Pid}}", "running/42"),
            ("{{.Count}} {{.Ratio}} {{.On}} {{.Nothing}}", "3 1.5 true <no value>"),
            ("{{.List}} {{.Labels}} {{.Empty}}", "[a b c] map[a:2 z:1] []"),
            ("{{json .Labels}} {{json .Name}} {{json .Nothing}}", "{\"z\":\"1\",\"a\":\"2\"} \"web\" null"),
            ("{{range .Mounts}}{{.Type}}:{{.Destination}} {{end}}", "bind:/b volume:/data "),
            ("{{range $i, $x := .List}}{{$i}}={{$x}},{{end}}", "0=a,1=b,2=c,"),
            ("{{range $x := .List}}{{$x}}{{end}}", "abc"),
            ("{{range $k, $v := .Labels}}{{$k}}{{$v}};{{end}}", "a2;z1;"),
            ("{{range .Empty}}x{{else}}none{{end}}", "none"),
            ("{{range .Nothing}}x{{else}}none{{end}}", "none"),
            ("{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
            ("{{range .List}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
            ("{{range 3}}{{.}}{{end}}", "012"),
            ("{{if .On}}yes{{else}}no{{end}}{{if .Off}}yes{{else}}no{{end}}", "yesno"),
            ("{{if .Off}}1{{else if .On}}2{{else}}3{{end}}", "2"),
            ("{{with .State}}{{.Pid}}{{end}}{{with .Nothing}}x{{else}}-{{end}}", "42-"),
            ("{{with $s := .State}}{{$s.Pid}}{{end}}", "42"),
            ("{{$x := .Name}}{{$x}}{{$x = \"y\"}}{{$x}}", "weby"),
            ("{{$.Name}}{{range .List}}{{$.Count}}{{end}}", "web333"),
            ("{{index .List 1}}{{index .Labels \"z\"}}", "b1"),
            ("{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080"),
            ("{{index .State.Health.Log 1}}", "y"),
            (
                "{{range $p, $c := .Ports}}{{$p}} -> {{if $c}}{{(index $c 0).HostPort}}{{end}};{{end}}",
                "80/tcp -> 8080;81/udp -> ;"
            ),
            ("{{len .List}}{{len .Name}}{{len .Labels}}", "332"),
            ("{{slice .List 1 2}}{{slice .Name 1}}", "[b]eb"),
            (
                "{{printf \"%s|%5s|%-5s|%d|%05d|%x|%q|%v|%t\" .Name .Name .Name 7 42 255 .Name .List true}}",
                "web|  web|web  |7|00042|ff|\"web\"|[a b c]|true"
            ),
            ("{{printf \"%.2f %.2s %%\" 1.5 .Name}}", "1.50 we %"),
            ("{{printf \"%d %s\" .Name}}", "%!d(string=web) %!s(MISSING)"),
            ("{{printf \"x\" 1}}", "x%!(EXTRA int=1)"),
            ("{{println .Name 1}}", "web 1\n"),
            ("{{print 1 2 \"a\" \"b\" 3}}", "1 2ab3"),
            ("{{.Name | upper | printf \"<%s>\"}}", "<WEB>"),
            (
                "{{join .List \", \"}} {{split \"a:b\" \":\"}} {{title \"a b\"}} {{lower \"AB\"}}",
                "a, b, c [a b] A B ab"
            ),
            ("{{pad \"x\" 1 2}}|{{truncate .Id 3}}", " x  |abc"),
            (
                "{{eq .Count 3}}{{ne .Name \"x\"}}{{lt 1 2}}{{le 2 2}}{{gt 1 2}}{{ge 2 1.5}}",
                "truetruetruetruefalsetrue"
            ),
            ("{{eq .Name \"a\" \"web\"}}", "true"),
            ("{{and .On .Name}}{{or .Off \"d\"}}{{not .Off}}", "webdtrue"),
            ("{{and .Off (index .List 99)}}", "false"),
            ("a {{- .Name -}} b", "awebb"),
            ("a\n{{- /* gone */ -}}\nb{{/* here */}}c", "abc"),
            ("{{\"quoted \\\"x\\\"\\n\"}}{{`raw\\n`}}{{'a'}}", "quoted \"x\"\nraw\\n97"),
            ("{{true}} {{nil | printf \"%v\"}} {{1.5}} {{0x10}} {{-3}}", "true <nil> 1.5 16 -3"),
            ("{{(.State).Pid}} {{(printf \"%d\" 1) | len}}", "42 1"),
            ("{{html \"<a>\"}} {{urlquery \"a b&c\"}}", "&lt;a&gt; a+b%26c"),
        ])
    func evaluates(_ source: String, _ wanted: String) throws {
        #expect(try Template(source).apply(data) == wanted)
    }

    /// What Go says of templates that can't be read.
    @Test(
        arguments: [
            ("{{", "template: :1: unclosed action"),
            ("{{.Name", "template: :1: unclosed action"),
            ("{{if .X}}", "template: :1: unexpected EOF"),
            ("{{range .X}}a", "template: :1: unexpected EOF"),
            ("{{end}}", "template: :1: unexpected {{end}}"),
            ("{{else}}", "template: :1: unexpected {{else}}"),
            ("{{nosuch .X}}", "template: :1: function \"nosuch\" not defined"),
            ("{{$x}}", "template: :1: undefined variable \"$x\""),
            ("{{}}", "template: :1: missing value for command"),
            ("{{if}}x{{end}}", "template: :1: missing value for if"),
            ("{{\"abc}}", "template: :1: unterminated quoted string"),
            ("a\n{{(.X}}", "template: :2: unclosed left paren"),
            ("{{.X)}}", "template: :1: unexpected right paren"),
            ("{{break}}", "template: :1: {{break}} outside {{range}}"),
            ("{{/* x }}", "template: :1: unclosed comment"),
            ("{{.X | 3}}", "template: :1: non executable command in pipeline stage 2"),
            ("{{#}}", "template: :1: unexpected bad character U+0023 '#' in action"),
        ])
    func syntaxErrors(_ source: String, _ message: String) {
        let error = #expect(throws: TemplateError.self) { try Template(source) }
        #expect(error?.description == message)
        #expect(error?.isSyntax == true)
    }

    @Test(
        arguments: [
            ("{{.Nope}}", "template: :1:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\""),
            ("{{.State.Nope}}", "template: :1:8: executing \"\" at <.State.Nope>: map has no entry for key \"Nope\""),
            ("ab\n{{.Nope}}", "template: :2:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\""),
            ("{{.Name.X}}", "template: :1:7: executing \"\" at <.Name.X>: can't evaluate field X in type string"),
            (
                "{{index .List 9}}",
                "template: :1:2: executing \"\" at <index .List 9>: error calling index: reflect: slice index out of range"
            ),
            ("{{range .Name}}{{end}}", "template: :1:8: executing \"\" at <.Name>: range can't iterate over web"),
            (
                "{{lt .Name 1}}",
                "template: :1:2: executing \"\" at <lt .Name 1>: error calling lt: incompatible types for comparison"
            ),
        ])
    func executionErrors(_ source: String, _ message: String) throws {
        let template = try Template(source)
        let error = #expect(throws: TemplateError.self) { try template.apply(data) }
        #expect(error?.description == message)
    }

    @Test func recordsAnswerByName() throws {
        let record = TemplateRecord(typeName: "*formatter.ContainerContext", names: ["ID", "Names"]) {
            name, arguments in
            switch name {
            case "ID": .text("1<2")
            case "Names": .text("web")
            case "Label": .text("label " + (arguments.first?.json.string ?? "-"))
            default: nil
            }
        }
        #expect(try Template("{{.ID}} {{.Label \"a\"}}").apply(.record(record)) == "1<2 label a")
        #expect(try Template("{{json .}}").apply(.record(record)) == "{\"ID\":\"1\\u003c2\",\"Names\":\"web\"}")
        let error = #expect(throws: TemplateError.self) { try Template("{{.Nope}}").apply(.record(record)) }
        #expect(
            error?.description
                == "template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext"
        )
    }

    @Test func lenientTemplatesPrintNothingForWhatIsMissing() throws {
        #expect(try Template("{{.Nope}}{{.Nope.Deeper}}").apply(data, strict: false) == "<no value><no value>")
    }
}

@Suite struct HostileTemplateTests {
    private static let seeds = [
        "{{.Name}}", "{{range $i, $x := .List}}{{$i}}{{end}}", "{{if eq .A \"b\"}}x{{else if .C}}y{{end}}",
        "{{printf \"%5.2s|%-3d\" .Name 3}}", "{{with (index .Ports \"80/tcp\")}}{{.}}{{end}}", "a {{- /* c */ -}} b",
        "{{(((.)))}}", "{{$x := 1}}{{$x = 2}}", "{{\"\\x41\\u00e9\"}}", "{{'\\n'}}{{`r`}}",
    ]

    /// Every seed, cut, doubled and with bytes changed, ends in output or an error.
    @Test func mutationsNeverTrap() {
        var generator = SplitMix(state: 42)
        for seed in Self.seeds {
            let bytes = Array(seed.utf8)
            for _ in 0..<400 {
                var mutant = bytes
                for _ in 0...Int.random(in: 0...3, using: &generator) {
                    let index = Int.random(in: 0..<mutant.count, using: &generator)
                    switch Int.random(in: 0...3, using: &generator) {
                    case 0: mutant[index] = Array("{}.$|()\"'`%- \n0aé".utf8).randomElement(using: &generator) ?? 0
                    case 1: mutant.insert(mutant[index], at: index)
                    case 2: mutant.removeSubrange(index...)
                    default: mutant += mutant[..<index]
                    }
                    if mutant.isEmpty { mutant = [123] }
                }
                _ = try? Template(String(decoding: mutant, as: UTF8.self)).apply(data)
            }
        }
    }

    @Test func deepNestingIsRefused() {
        let parentheses =
            "{{" + String(repeating: "(", count: 10000) + "1" + String(repeating: ")", count: 10000) + "}}"
        #expect(throws: TemplateError.self) { try Template(parentheses) }
        #expect(throws: TemplateError.self) { try Template(String(repeating: "{{if 1}}", count: 5000)) }
    }

    @Test func widthsAreBounded() throws {
        #expect(try Template("{{printf \"%99999999999s\" \"x\"}}").apply(data).utf8.count == 1_000_000)
        #expect(try Template("{{pad \"x\" 99999999 0}}").apply(data).utf8.count <= (1 << 20) + 1)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
