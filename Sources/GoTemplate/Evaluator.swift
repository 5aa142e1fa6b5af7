// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Walks a template's nodes and collects what they print.
struct Evaluator {
    /// What a template may print at most.
    private static let maximumOutput = 256 << 20

    private(set) var output = ""
    private let root: TemplateValue
    private let isStrict: Bool
    private var dot: TemplateValue
    private var variables: [(name: String, value: TemplateValue)]

    private enum Flow { case onward, leaves, continues }

    init(root: TemplateValue, isStrict: Bool) {
        self.root = root
        self.isStrict = isStrict
        dot = root
        variables = [("", root)]
    }

    mutating func run(_ nodes: [Node]) throws(TemplateError) {
        _ = try walk(nodes)
    }

    private mutating func walk(_ nodes: [Node]) throws(TemplateError) -> Flow {
        for node in nodes {
            switch node {
            case .text(let text): output += text
            case .action(let pipeline):
                let value = try evaluate(pipeline)
                if pipeline.variables.isEmpty { output += Printing.printed(value) }
                guard output.utf8.count <= Self.maximumOutput else {
                    throw TemplateError(at: pipeline.location, "output too large")
                }
            case .branch(let branch):
                let flow = try walk(branch)
                if flow != .onward { return flow }
            case .leave(let continuing): return continuing ? .continues : .leaves
            }
        }
        return .onward
    }

    private mutating func walk(_ branch: Branch) throws(TemplateError) -> Flow {
        let scope = variables.count
        let outer = dot
        defer {
            variables.removeLast(variables.count - scope)
            dot = outer
        }
        if branch.kind == .range { return try range(branch) }
        let value = try evaluate(branch.pipeline)
        guard value.isTrue else { return try walk(branch.otherwise) }
        if branch.kind == .with { dot = value }
        return try walk(branch.body)
    }

    private mutating func range(_ branch: Branch) throws(TemplateError) -> Flow {
        var pipeline = branch.pipeline
        let names = pipeline.variables
        pipeline.variables = []
        let value = try evaluate(pipeline)
        let outer = dot
        var isEmpty = true
        for (key, element) in try elements(of: value, at: branch.pipeline.location) {
            isEmpty = false
            let scope = variables.count
            if names.count == 1 { bind(names[0], element, declaring: pipeline.declares) }
            if names.count == 2 {
                bind(names[0], .json(key), declaring: pipeline.declares)
                bind(names[1], element, declaring: pipeline.declares)
            }
            dot = element
            let flow = try walk(branch.body)
            variables.removeLast(variables.count - scope)
            if flow == .leaves { break }
        }
        dot = outer
        return isEmpty ? try walk(branch.otherwise) : .onward
    }

    private func elements(
        of value: TemplateValue, at location: SourceLocation
    ) throws(TemplateError) -> [(JSONValue, TemplateValue)] {
        if case .typed(let value, let type) = value, let element = type.element {
            return try elements(of: .json(value), at: location).map { ($0.0, element.typed($0.1.json)) }
        }
        switch value.json {
        case .null: return []
        case .array(let elements):
            return elements.enumerated().map { (.integer(Int64($0.offset)), .json($0.element)) }
        case .object(let object):
            return object.members.sorted { $0.key < $1.key }.map { (.string($0.key), .json($0.value)) }
        case .integer(let count) where (0...1_000_000).contains(count):
            return (0..<count).map { (.integer($0), .json(.integer($0))) }
        default: throw TemplateError(at: location, "range can't iterate over \(Printing.printed(value))")
        }
    }

    private mutating func bind(_ name: String, _ value: TemplateValue, declaring: Bool) {
        if !declaring, let index = variables.lastIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    // MARK: Values

    private mutating func evaluate(_ pipeline: Pipeline) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands {
            value = try evaluate(command, piped: value)
        }
        let result = value ?? .json(.null)
        for name in pipeline.variables { bind(name, result, declaring: pipeline.declares) }
        return result
    }

    private mutating func evaluate(_ command: Invocation, piped: TemplateValue?) throws(TemplateError) -> TemplateValue
    {
        let head = command.operands[0]
        if case .function(let name) = head.term {
            return try call(name, command, piped: piped)
        }
        let takesArguments = command.operands.count > 1 || piped != nil
        guard takesArguments else { return try evaluate(head) }
        var arguments: [TemplateValue] = []
        for operand in command.operands.dropFirst() { arguments.append(try evaluate(operand)) }
        if let piped { arguments.append(piped) }
        switch head.term {
        case .field(let names): return try follow(names, from: dot, head, arguments)
        case .variable(let name, let names) where !names.isEmpty:
            return try follow(names, from: variable(name), head, arguments)
        case .chain(let first, let names): return try follow(names, from: try evaluate(first), head, arguments)
        default: throw TemplateError(at: head.location, "can't give argument to non-function \(head.location.text)")
        }
    }

    private mutating func evaluate(_ operand: Operand) throws(TemplateError) -> TemplateValue {
        switch operand.term {
        case .dot: return dot
        case .null: return .json(.null)
        case .bool(let flag): return .json(.bool(flag))
        case .integer(let number): return .json(.integer(number))
        case .double(let number): return .json(.double(number))
        case .string(let text): return .text(text)
        case .field(let names): return try follow(names, from: dot, operand, [])
        case .variable(let name, let names): return try follow(names, from: variable(name), operand, [])
        case .pipeline(let pipeline): return try evaluate(pipeline)
        case .chain(let first, let names): return try follow(names, from: try evaluate(first), operand, [])
        case .function(let name):
            return try call(name, Invocation(operands: [operand], location: operand.location), piped: nil)
        }
    }

    private func variable(_ name: String) -> TemplateValue {
        variables.last { $0.name == name }?.value ?? .json(.null)
    }

    /// Walks down the members; arguments belong to the last one.
    private func follow(
        _ names: [String], from start: TemplateValue, _ operand: Operand, _ arguments: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue {
        var value = start
        for (index, name) in names.enumerated() {
            let given = index == names.count - 1 ? arguments : []
            value = try member(name, of: value, given, operand)
        }
        return value
    }

    private func member(
        _ name: String, of value: TemplateValue, _ arguments: [TemplateValue], _ operand: Operand
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .record(let record):
            guard let found = record.member(name, arguments) else {
                throw TemplateError(at: operand.location, "can't evaluate field \(name) in type \(record.typeName)")
            }
            return found
        case .typed(let value, let type):
            if case .pointer = type, value == .null {
                throw TemplateError(at: operand.location, "nil pointer evaluating \(type.name ?? "struct").\(name)")
            }
            if let member = type.member(name), arguments.isEmpty {
                return member.type.typed(value[member.name] ?? .null)
            }
            if case .map(let element) = type { return value[name].map(element.typed) ?? .json(.null) }
            throw TemplateError(
                at: operand.location,
                "can't evaluate field \(name) in type \(type.name ?? TemplateValue.typed(value, type).typeName)")
        case .json(.object(let object)):
            guard arguments.isEmpty else {
                throw TemplateError(
                    at: operand.location, "\(name) is not a method but has arguments")
            }
            if let found = object[name] ?? Self.similar(name, in: object) { return .json(found) }
            guard isStrict else { return .json(.null) }
            throw TemplateError(at: operand.location, "map has no entry for key \(Printing.quoted(name))")
        case .json(.null):
            guard isStrict else { return .json(.null) }
            throw TemplateError(at: operand.location, "nil pointer evaluating interface {}.\(name)")
        case .json:
            throw TemplateError(
                at: operand.location, "can't evaluate field \(name) in type \(value.typeName)")
        }
    }

    /// The member that differs only in the case of letters: Go's types say `ID` and `APIVersion` where JSON has `Id`
    /// and `ApiVersion`.
    private static func similar(_ name: String, in object: JSONObject) -> JSONValue? {
        let wanted = name.lowercased()
        return object.members.first { $0.key.utf8.count == wanted.utf8.count && $0.key.lowercased() == wanted }?.value
    }

    private mutating func call(
        _ name: String, _ command: Invocation, piped: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        var arguments: [TemplateValue] = []
        // `and` and `or` stop at the argument that decides.
        for operand in command.operands.dropFirst() {
            let value = try evaluate(operand)
            if name == "and", !value.isTrue { return value }
            if name == "or", value.isTrue { return value }
            arguments.append(value)
        }
        if let piped { arguments.append(piped) }
        do {
            return try Functions.call(name, arguments)
        } catch {
            switch error {
            case .failed(let text):
                throw TemplateError(at: command.location, "error calling \(name): \(text)")
            case .unusable(let text): throw TemplateError(at: command.operands[0].location, text)
            }
        }
    }
}
