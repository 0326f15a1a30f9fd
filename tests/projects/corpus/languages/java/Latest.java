package example;

/**
 * Latest, which is no test.
 */
public class Latest {
    String slash = "/*"; // and a comment
    String other = "*/";
}
