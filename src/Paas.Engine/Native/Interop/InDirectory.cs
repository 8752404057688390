using System.Runtime.ExceptionServices;

namespace Paas.Engine.Native.Interop;

/// <summary>Runs something with a working directory of its own: on a thread that shares it with no other,
/// because mount(2) takes one page of options and only relative names keep 127 layers below that.</summary>
internal static class InDirectory
{
    public static void Run(string directory, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    Libc.Check(Libc.Unshare(Libc.CLONE_FS), "unshare the working directory");
                    Libc.Check(Libc.ChangeDirectory(directory), $"chdir {directory}");
                    action();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            256 * 1024);
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
