// SPDX-License-Identifier: Apache-2.0

/// Columns set apart by spaces: every cell but a row's last is as wide as its column and a gutter of three.
enum TextTable {
    static func format(_ rows: [[String]], minimumWidth: Int = 10) -> String {
        var text = ""
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.dropLast().enumerated() {
                let width = max(minimumWidth, cell.unicodeScalars.count + 3)
                if index < widths.count { widths[index] = max(widths[index], width) } else { widths.append(width) }
            }
        }
        for row in rows {
            for (index, cell) in row.enumerated() {
                text += cell
                if index < row.count - 1 {
                    text += String(repeating: " ", count: max(0, widths[index] - cell.unicodeScalars.count))
                }
            }
            text += "\n"
        }
        return text
    }
}
