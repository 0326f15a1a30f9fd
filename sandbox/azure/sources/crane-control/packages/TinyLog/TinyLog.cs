// TinyLog 0.9, copied as it is.
namespace TinyLog
{
    public static class Log
    {
        public static void Write(string text)
        {
            System.Console.Error.WriteLine(text);
        }
    }
}
