using Paas.Accounts;
using Paas.Apps;
using Paas.Deploys;
using Paas.Releases;

namespace Paas.Git;

/// <summary>Registrations and routes of the push receiver.</summary>
internal static class GitSetup
{
    public static IServiceCollection AddGit(this IServiceCollection services)
    {
        services.AddOptions<GitOptions>();
        services.AddSingleton(provider => new GitAccess(
            provider.GetRequiredService<Tokens>().Authenticate,
            provider.GetRequiredService<AccountStore>().TeamName,
            provider.GetRequiredService<AppStore>().Find,
            provider.GetRequiredService<AppStore>().Find,
            provider.GetRequiredService<AppStore>().SetDeployBranch));
        services.AddSingleton(provider => new GitDeploys(
            provider.GetRequiredService<DeployQueue>().TakeAsync,
            provider.GetRequiredService<Deploy>().LiveReleaseOf,
            provider.GetRequiredService<Deploy>().PushAsync));
        services.AddSingleton<GitProcess>();
        services.AddSingleton<GitRepositories>();
        services.AddSingleton<CodeHistory>();
        services.AddSingleton<CodeChangesBetween>(provider => provider.GetRequiredService<CodeHistory>().BetweenAsync);
        services.AddSingleton<Checkout>();
        services.AddSingleton<Pushes>();
        services.AddSingleton<PushVerdict>();
        services.AddSingleton<ReceivePack>();
        services.AddSingleton<UploadPack>();
        services.AddSingleton<GitEndpoints>();
        services.AddSingleton<AppDestroyed>(provider => (app, cancellationToken) => provider.GetRequiredService<GitRepositories>().TrashAsync(app.Id, cancellationToken));
        services.AddHostedService<HookListener>();
        return services;
    }

    /// <summary>/git/&lt;app&gt;.git and, because people leave it out, the same without ".git". The endpoints check the token themselves: git wants its 401 in its own form.</summary>
    public static IEndpointRouteBuilder MapGit(this IEndpointRouteBuilder endpoints)
    {
        var git = endpoints.ServiceProvider.GetRequiredService<GitEndpoints>();
        var group = endpoints.MapGroup("/git").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        group.MapGet("/{app}/info/refs", (HttpContext context, string app, string? service) => git.AdvertiseAsync(context, app, service));
        group.MapPost("/{app}/git-receive-pack", (HttpContext context, string app) => git.ReceivePackAsync(context, app));
        group.MapPost("/{app}/git-upload-pack", (HttpContext context, string app) => git.UploadPackAsync(context, app));
        group.Map("/{**rest}", GitEndpoints.RefuseAsync);
        return endpoints;
    }
}
