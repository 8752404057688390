namespace Paas.Cli.Commands;

/// <summary>The built-in registry.</summary>
internal static class RegistryCommand
{
    public static Verb Make(Surroundings surroundings) =>
        new Verb("registry", "The built-in registry: images of apps, and those that you push", "paas registry repos", "paas registry tags myapp")
            .With(RepositoriesCommands.All(surroundings))
            .With(ImagesCommands.All(surroundings))
            .With(CollectionCommands.All(surroundings))
            .With(RegistryTokensCommand.Make(surroundings))
            .With([.. RegistryLoginCommands.All(surroundings)]);
}
