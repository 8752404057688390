using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>deploy --image: a release of an image that was not built here.</summary>
internal static class DeployCommand
{
    private static readonly Option<string?> Image = new("--image") { Description = "The image: ghcr.io/team/app:1.2, nginx, or :tag of the app's own repository", HelpName = "IMAGE" };
    private static readonly Option<bool> Follow = new("--follow") { Description = "Deploy every new image under its tag too" };
    private static readonly Option<bool> Unfollow = new("--unfollow") { Description = "Follow no image any more" };
    private static readonly Option<bool> Detach = new("--detach", "-d") { Description = "Do not wait for the end" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb(
            "deploy", "Deploy an image that exists already", "paas deploy --image ghcr.io/team/app:1.2", "paas deploy --image nginx:1.27 --app web", "paas deploy --image :main",
            "paas deploy --image ghcr.io/team/app:main --follow", "paas deploy --unfollow").With(Image, Follow, Unfollow, Detach).Runs(surroundings, DeployAsync);

    private static async Task<int> DeployAsync(Call call, CancellationToken cancellationToken)
    {
        var image = call.Value(Image);
        if (call.Value(Unfollow))
        {
            if (image is not null || call.Value(Follow))
            {
                throw CliError.Usage("--unfollow stands alone. Example: paas deploy --unfollow");
            }

            var app = await call.AppAsync(cancellationToken);
            await call.Client.UnfollowImageAsync(app, cancellationToken);
            call.Done($"{app} follows no image.");
            return ExitCodes.Ok;
        }

        return string.IsNullOrWhiteSpace(image)
            ? throw CliError.Usage("Say which image: paas deploy --image ghcr.io/team/app:1.2. To deploy what you wrote, push it: git push paas main")
            : await DeployAsync(call, image, cancellationToken);
    }

    private static async Task<int> DeployAsync(Call call, string image, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var asked = call.Client.DeployImageAsync(app, new DeployImage(image) { Follow = call.Value(Follow) }, cancellationToken);
        var deploy = await call.WorkingAsync("Waiting for the app's turn", asked, cancellationToken);
        if (call.Value(Detach))
        {
            call.Show(deploy, ContractJson.Default.DeployView, view => call.Print($"Deploy {Words.Version(view.Number)} of {app} has begun. Follow it with: paas deploys log {Words.Number(view.Number)} -f --app {app}"));
            return ExitCodes.Ok;
        }

        await foreach (var line in call.Client.DeployLogAsync(app, deploy.Number, cancellationToken: cancellationToken))
        {
            if (!call.Json)
            {
                call.Print(line.Data.Text);
            }
        }

        var ended = await call.Client.DeployAsync(app, deploy.Number, cancellationToken);
        call.Show(ended, ContractJson.Default.DeployView, static _ => { });
        return ended.State == "live" ? ExitCodes.Ok : ExitCodes.Refused;
    }
}
