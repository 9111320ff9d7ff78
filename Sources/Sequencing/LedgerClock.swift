package import Records

/// The clocks, handed in so that tests can hold them.
package struct LedgerClock: Sendable {
    /// The time of day.
    package var wall: @Sendable () -> Timestamp
    /// Seconds that only ever go forward, from an arbitrary beginning.
    package var steadySeconds: @Sendable () -> Int64

    package init(
        wall: @escaping @Sendable () -> Timestamp, steadySeconds: @escaping @Sendable () -> Int64
    ) {
        (self.wall, self.steadySeconds) = (wall, steadySeconds)
    }
}
