// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Testing

@Suite struct HumanDurationTests {
    @Test(arguments: [
        (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (119, "About a minute"),
        (120, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour"), (5400, "2 hours"), (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"), (14 * 86400, "2 weeks"), (60 * 86400, "2 months"), (730 * 86400, "2 years"),
        (3 * 365 * 86400 - 1, "2 years"),
    ])
    func speaksAsPeopleDo(_ seconds: Int, _ text: String) {
        #expect(HumanDuration.text(seconds: Int64(seconds)) == text)
    }
}
