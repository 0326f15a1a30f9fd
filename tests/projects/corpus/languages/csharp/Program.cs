using System;

/// <summary>Entry.</summary>
class Program
{
    // nothing
    const string Path = @"C:\";
    static void Main() => Console.WriteLine("/* text */"); /* said */
    /*
       old
    */
    string Name => "//";

    #region More
    #endregion
}
