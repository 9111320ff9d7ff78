@main
struct Hanqing {
    static func main() {}
}
