/* outer /* inner */ still a comment */
package example
// one
fun main() {
    println("/* text */")
}
