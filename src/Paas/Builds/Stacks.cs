using Paas.Oci;

namespace Paas.Builds;

/// <summary>Finds the base images that this installation's recipes name.</summary>
public sealed class Stacks(BuildsOptions options, StackCache cache, Images images)
{
    /// <exception cref="BuildFailureException">stack_missing.</exception>
    public async Task<(Image Run, Image Build)> ReadAsync(CancellationToken cancellationToken)
    {
        var stack = cache.Find(StackRecipes.Read(options.Buildpacks))
            ?? throw new BuildFailureException("stack_missing", $"The base images are not in {cache.Root}. The server's administrator makes them with 'sudo paasd stack'.");
        return (await images.ReadAsync(stack.Run, cancellationToken), await images.ReadAsync(stack.Build, cancellationToken));
    }
}
