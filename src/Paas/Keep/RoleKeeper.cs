namespace Paas.Keep;

/// <summary>Keeps one role running: adopts it, or starts it; starts it again when it ends; ends it when it is told to.</summary>
/// <code>
///            adopt / start            it ended
///   absent ----------------> running ----------> waiting (Backoff) --> absent
///                               | stop: TERM, then KILL after StopTimeout
///                               v
///                             stopped
/// </code>
internal sealed partial class RoleKeeper(Role role, KeepOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Returns when the role was stopped.</summary>
    /// <param name="stop">The role is to end.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        var backoff = new Backoff(options.GoodRun);
        while (!stop.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                await EndOfAsync(AdoptOrStart(), stop);
            }
            catch (IOException error)
            {
                LogCannotStart(role.Name, error.Message);
            }

            if (!stop.IsCancellationRequested)
            {
                await WaitAsync(backoff.After(time.GetElapsedTime(began)), stop);
            }
        }

        File.Delete(role.PidFile);
    }

    private RoleProcess AdoptOrStart()
    {
        if (RoleProcess.Adopt(role.PidFile) is { } running)
        {
            LogAdopted(role.Name, running.Pid);
            return running;
        }

        var process = RoleProcess.Start(role.Arguments, role.AllEnvironment(options.Home), role.Log);
        process.WriteTo(role.PidFile);
        LogStarted(role.Name, process.Pid);
        return process;
    }

    private async Task EndOfAsync(RoleProcess process, CancellationToken stop)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.Register(stopping.SetResult))
        {
            if (await Task.WhenAny(process.Ended, stopping.Task) == process.Ended)
            {
                LogEnded(role.Name, process.Pid, await process.Ended);
                return;
            }
        }

        await EndAsync(process);
    }

    /// <summary>Ends the role if a keeper that was killed left it running.</summary>
    public async Task EndLeftAsync()
    {
        if (RoleProcess.Adopt(role.PidFile) is { } left)
        {
            await EndAsync(left);
            File.Delete(role.PidFile);
        }
    }

    private async Task EndAsync(RoleProcess process)
    {
        process.Terminate();
        try
        {
            await process.Ended.WaitAsync(options.StopTimeout, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogKilled(role.Name, process.Pid, options.StopTimeout.TotalSeconds);
            process.Kill();
            await process.Ended;
        }

        LogStopped(role.Name, process.Pid);
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            await Task.Delay(pause, time, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopped while nothing ran.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Started {Role}, pid {Pid}.")]
    private partial void LogStarted(string role, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Found {Role} running, pid {Pid}.")]
    private partial void LogAdopted(string role, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Role}, pid {Pid}, {How}; starting it again.")]
    private partial void LogEnded(string role, int pid, string how);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped {Role}, pid {Pid}.")]
    private partial void LogStopped(string role, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Role}, pid {Pid}, did not stop within {Seconds} s and was killed.")]
    private partial void LogKilled(string role, int pid, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot start {Role}: {Reason}")]
    private partial void LogCannotStart(string role, string reason);
}
