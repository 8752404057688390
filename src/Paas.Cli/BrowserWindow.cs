using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace Paas.Cli;

/// <summary>Opens the person's browser, where there is a desktop.</summary>
internal static class BrowserWindow
{
    /// <summary>Does nothing without a desktop, or for what is no address of the web: the caller has printed it.</summary>
    public static void Open(Surroundings surroundings, string address)
    {
        if (CanOpen(surroundings, address))
        {
            Start(new Uri(address).ToString());
        }
    }

    /// <summary>Other logins of the machine read a program's arguments, so that a link that is a secret goes by a file that only its owner reads.</summary>
    /// <param name="folder">The owner's alone.</param>
    public static void OpenSecret(Surroundings surroundings, string address, string folder)
    {
        if (!CanOpen(surroundings, address))
        {
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var file = Path.Combine(folder, "signin.html");
        File.Delete(file);
        using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write($"<!DOCTYPE html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0; url={WebUtility.HtmlEncode(address)}\"><title>Paas</title>");
        }

        Start(file);
    }

    private static bool CanOpen(Surroundings surroundings, string address) =>
        (surroundings.Variable("DISPLAY") ?? surroundings.Variable("WAYLAND_DISPLAY")) is not null
        && surroundings.OutIsTerminal
        && Uri.TryCreate(address, UriKind.Absolute, out var url)
        && (url.Scheme is "http" or "https");

    private static void Start(string what)
    {
        try
        {
            using var browser = Process.Start(new ProcessStartInfo("xdg-open", [what]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            // No browser to open: the address is printed.
        }
    }
}
