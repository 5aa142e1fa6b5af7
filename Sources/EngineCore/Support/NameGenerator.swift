// SPDX-License-Identifier: Apache-2.0

/// Names for containers that were given none: a mood and a person of science or the sea, as in `calm_lovelace`.
enum NameGenerator {
    /// A name that `isTaken` does not know. After a few tries a digit is appended, so that it always ends.
    static func name(isTaken: (String) -> Bool) -> String {
        var generator = SystemRandomNumberGenerator()
        var attempt = 0
        while true {
            let mood = moods[Int.random(in: 0..<moods.count, using: &generator)]
            let person = people[Int.random(in: 0..<people.count, using: &generator)]
            var name = "\(mood)_\(person)"
            if attempt >= 6 { name += String(Int.random(in: 0..<(attempt * 10), using: &generator)) }
            if !isTaken(name) { return name }
            attempt += 1
        }
    }

    private static let moods = words(
        """
        able agile amber ample apt avid bold brave breezy bright brisk calm candid clever cosy crisp curious daring deft
        direct eager early earnest easy elated epic exact fair faithful fast fearless festive fine firm fluent focused fond
        frank free fresh gallant gentle glad golden graceful grand happy hardy hearty helpful honest hopeful humble ideal
        jolly jovial keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble open optimistic patient
        peaceful placid pleasant polite proud prudent quick quiet ready relaxed resolute robust salty serene sharp silent
        sincere sleek smart smooth snug sober solid spry stable steady stoic sunny sure swift tender thrifty tidy tranquil
        trusty upbeat vigilant vivid warm wise witty zealous
        """)

    private static let people = words(
        """
        agnesi albattani allen ampere anning archimedes babbage banach bardeen barton bassi beaufort bell bessemer blackwell
        bohr boole borg bose boyd brahe brunel burnell cannon carson carver cerf chandrasekhar clarke cook cori curie darwin
        davinci dijkstra drake edison einstein elion engelbart ericsson euclid euler faraday fermat fermi feynman franklin
        galileo gauss germain goldberg goodall hamilton hawking heisenberg hertz heyrovsky hopper humboldt hypatia jang
        jemison johnson joliot jones kalam kepler khorana kirch knuth kowalevski lalande lamarr lamport leakey leavitt lewin
        liskov lovelace lumiere magellan mayer mcclintock mccarthy meitner mendel mendeleev minsky mirzakhani moore morse
        murdock nansen napier nash newton nightingale nobel noether pascal pasteur payne perlman pike planck poincare
        ptolemy raman ride ritchie roentgen rosalind rubin sagan sammet shannon shockley sinoussi snyder spence stallman
        swanson swartz swirles tesla thompson torvalds turing varahamihira visvesvaraya volta wescoff wiles williams wilson
        wing wozniak wright yalow yonath
        """)
}
