using Paas.Testing;

namespace Paas.Languages;

/// <summary>Pushes that have to fail.</summary>
internal static class Faults
{
    /// <summary>Pushes these changes of a live app: refused, the sentence told once, and what served before serves on. Then they are taken back.</summary>
    /// <param name="changes">Null for a file that goes.</param>
    public static async Task RefusesAsync(this PushedApp app, string sentence, params (string File, string? Text)[] changes)
    {
        var page = await app.VisitAsync();
        foreach (var (file, text) in changes)
        {
            if (text is null)
            {
                File.Delete(Path.Combine(app.Folder, file));
            }
            else
            {
                await app.WriteAsync(file, text);
            }
        }

        await app.CommitAsync(sentence);
        var push = await app.PushAsync();
        Assert.NotEqual(0, push.Code);
        Assert.True(push.Error.Split(sentence).Length == 2, $"not told once: {sentence}\n{push.Error}");
        Assert.Matches(@"\bv\d+ goes on serving\.", push.Error);
        Assert.Equal(page, await app.VisitAsync());
        (await app.GitAsync("reset", "--quiet", "--hard", "HEAD^")).Succeeded();
    }

    /// <summary>A change of parts of a file, which must be in it.</summary>
    public static (string File, string? Text) Edited(this PushedApp app, string file, params (string Old, string Now)[] edits)
    {
        var text = File.ReadAllText(Path.Combine(app.Folder, file));
        foreach (var (old, now) in edits)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, now, StringComparison.Ordinal);
        }

        return (file, text);
    }

    public static (string File, string? Text) Edited(this PushedApp app, string file, string old, string now) => app.Edited(file, (old, now));
}
