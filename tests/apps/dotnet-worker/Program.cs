using System.Runtime.InteropServices;

using var end = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; end.Cancel(); });
using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
Console.WriteLine("worker started");
try
{
    while (await timer.WaitForNextTickAsync(end.Token))
    {
        Console.WriteLine("worked");
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine("worker ended");
}
