using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>stack, stack update, stack status, stack schedule.</summary>
internal static class StackCommands
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say what would change" };
    private static readonly Option<bool> Offline = new("--offline") { Description = "Use the base images that are there: look for no newer packages" };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Stay until the update is over" };
    private static readonly Argument<string?> Switch = new("switch") { Description = "on or off; without it, show the schedule", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Day = new("--day") { Description = "Day of the week", HelpName = "DAY" };
    private static readonly Option<int?> Hour = new("--hour") { Description = "Hour of the server's clock, 0 to 23", HelpName = "HOUR" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("stack", "The base image under every app: security updates without a build", "paas stack", "paas stack update --dry-run").Runs(surroundings, ShowAsync).With(
            new Verb(
                "update",
                "Make new base images with today's packages, and put every app on them without building it",
                "paas stack update --dry-run",
                "paas stack update").With(DryRun, Offline).Runs(surroundings, UpdateAsync),
            new Verb("status", "How the newest update goes, or how it ended", "paas stack status", "paas stack status --follow").With(Follow).Runs(surroundings, StatusAsync),
            new Verb("schedule", "Update by itself every week", "paas stack schedule on --day sunday --hour 4", "paas stack schedule off").With(Switch, Day, Hour).Runs(surroundings, ScheduleAsync));

    private static async Task ShowAsync(Call call, CancellationToken cancellationToken)
    {
        var stack = await call.WorkingAsync("Looking at the base image", call.Client.StackAsync(cancellationToken), cancellationToken);
        call.Show(stack, ContractJson.Default.StackView, view =>
        {
            if (view.RunImage is null)
            {
                call.Print("The base images are not made yet. Make them with: paas stack update");
            }
            else
            {
                call.Print($"run image    {view.RunImage}");
                call.Print($"made         {Words.Ago(view.MadeAt!.Value, call.Now)} ({view.Description}), {Words.Number(view.Packages.Count)} packages; the build image has {Words.Number(view.BuildPackages)}");
            }

            call.Print($"every week   {Said(view.Schedule)}");
            if (view.Update is { } update)
            {
                call.Print($"last update  {Words.Ago(update.EndedAt ?? update.StartedAt, call.Now)} by {update.Actor}: {(update.Sentence ?? "it is under way").Split('\n')[^1]}");
            }

            call.Print("");
            var table = call.Table("APP", "RELEASE", "RUN IMAGE", "STATE");
            foreach (var app in view.Apps)
            {
                table.Row(app.App, Words.Version(app.Release), Words.Short(app.RunImage), app.Sentence is null ? app.State : app.Sentence);
            }

            table.Print("There are no apps yet.");
            if (view.Apps.Count(app => app.State == "older") is > 0 and var older)
            {
                call.Print("");
                call.Print($"{(older == 1 ? "1 app stands" : $"{Words.Number(older)} apps stand")} on an older run image. Move {(older == 1 ? "it" : "them")} with: paas stack update");
            }
        });
    }

    private static async Task<int> UpdateAsync(Call call, CancellationToken cancellationToken)
    {
        var offline = call.Value(Offline);
        if (call.Value(DryRun))
        {
            var plan = await call.WorkingAsync("Asking what is newer", call.Client.StackPlanAsync(offline, cancellationToken), cancellationToken);
            call.Show(plan, ContractJson.Default.StackPlanView, view => Print(call, view));
            return ExitCodes.Ok;
        }

        return await FollowAsync(call, await call.Client.StartStackUpdateAsync(offline, cancellationToken), cancellationToken);
    }

    private static async Task<int> StatusAsync(Call call, CancellationToken cancellationToken)
    {
        if (await call.Client.StackUpdatesAsync(1, cancellationToken) is not [var update, ..])
        {
            if (call.Json)
            {
                call.Print("null");
            }
            else
            {
                call.Print("The base images were not updated yet. See what an update would do: paas stack update --dry-run");
            }

            return ExitCodes.Ok;
        }

        return call.Value(Follow) && update.State == "running" ? await FollowAsync(call, update, cancellationToken) : End(call, update, update.Lines);
    }

    /// <summary>Prints each line when it comes; the update does not need us.</summary>
    private static async Task<int> FollowAsync(Call call, StackUpdateView update, CancellationToken cancellationToken)
    {
        var shown = 0;
        try
        {
            while (update.State == "running")
            {
                shown = Print(call, update, shown);
                await Task.Delay(Beat, call.Surroundings.Time, cancellationToken);
                update = await call.Client.StackUpdateAsync(update.Id, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await call.Surroundings.Error.WriteLineAsync("The update goes on in the platform. Follow it with: paas stack status --follow");
            throw;
        }

        return End(call, update, [.. update.Lines.Skip(shown)]);
    }

    /// <returns>How many lines have been shown.</returns>
    private static int Print(Call call, StackUpdateView update, int shown)
    {
        foreach (var line in call.Json ? [] : update.Lines.Skip(shown))
        {
            call.Print(line);
        }

        return update.Lines.Count;
    }

    /// <returns>Refused when an app kept its old release or nothing was done: somebody has to look.</returns>
    private static int End(Call call, StackUpdateView update, IReadOnlyList<string> lines)
    {
        call.Show(update, ContractJson.Default.StackUpdateView, view =>
        {
            foreach (var line in lines)
            {
                call.Print(line);
            }

            if (view.Apps.Count > 0)
            {
                call.Print("");
                var table = call.Table("APP", "OUTCOME", "FROM", "TO", "WHY");
                foreach (var app in view.Apps)
                {
                    table.Row(app.App, app.Outcome, Words.Version(app.From), Words.Version(app.To), app.Outcome == "rebased" ? "" : app.Sentence);
                }

                table.Print("");
                call.Print("");
            }

            call.Print(view.Sentence ?? $"The update is under way (step {view.Step}), begun {Words.Ago(view.StartedAt, call.Now)} by {view.Actor}. Follow it with: paas stack status --follow");
        });
        return update.State is "failed" or "interrupted" ? ExitCodes.Refused : ExitCodes.Ok;
    }

    private static void Print(Call call, StackPlanView plan)
    {
        if (plan.Changes.Count > 0)
        {
            var changes = call.Table("IMAGE", "PACKAGE", "NOW", "WOULD BE");
            foreach (var change in plan.Changes)
            {
                changes.Row(change.Image, change.Name, change.Before ?? "(none)", change.After ?? "(gone)");
            }

            changes.Print("");
            call.Print("");
        }

        var table = call.Table("APP", "RELEASE", "WOULD BE", "WHY");
        foreach (var app in plan.Apps)
        {
            table.Row(app.App, Words.Version(app.Release), app.Action switch { "rebase" => "rebased", "current" => "left as it is", var other => other }, app.Sentence);
        }

        table.Print("There are no apps yet.");
        call.Print("");
        call.Print(plan.Sentence);
    }

    private static async Task ScheduleAsync(Call call, CancellationToken cancellationToken)
    {
        var schedule = await call.Client.StackScheduleAsync(cancellationToken);
        if (call.Value(Switch) is { } to)
        {
            if (to is not ("on" or "off"))
            {
                throw CliError.Usage($"'{to}' is neither on nor off. Example: paas stack schedule on --day sunday --hour 4");
            }

            schedule = await call.Client.SetStackScheduleAsync(
                schedule with { Enabled = to == "on", Day = call.Value(Day)?.ToLowerInvariant() ?? schedule.Day, Hour = call.Value(Hour) ?? schedule.Hour }, cancellationToken);
        }
        else if (call.Has(Day) || call.Has(Hour))
        {
            throw CliError.Usage("Say on or off too. Example: paas stack schedule on --day sunday --hour 4");
        }

        call.Show(schedule, ContractJson.Default.StackScheduleView, view => call.Print($"The weekly update is {Said(view)}."));
    }

    private static string Said(StackScheduleView schedule) => schedule.Enabled
        ? string.Create(CultureInfo.InvariantCulture, $"on: {char.ToUpperInvariant(schedule.Day[0])}{schedule.Day[1..]} at {schedule.Hour:00}:00 ({schedule.TimeZone}), next {schedule.NextAt?.ToUniversalTime():yyyy-MM-dd HH:mm} UTC")
        : "off";
}
