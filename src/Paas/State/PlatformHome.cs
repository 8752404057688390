using System.Security.Cryptography;
using System.Text;

namespace Paas.State;

/// <summary>Where everything of one platform lies. Two homes on one machine never meet: what they make in the kernel carries <see cref="Tag"/>.</summary>
/// <remarks>The edge uses <see cref="Run"/>, <see cref="Edge"/> and <see cref="Blobs"/> only.</remarks>
public sealed class PlatformHome(string root)
{
    /// <summary>Shared by every home of the machine, read-only for them: base images (architecture, "Two homes on one machine").</summary>
    public const string DefaultCache = "/var/cache/paas";

    /// <summary>Absolute, without a trailing slash.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>4 hex characters of the home's path; prefix of interfaces ("p1a2b"), nft table, cgroup.</summary>
    public string Tag => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..4];

    /// <summary>tmpfs: sockets, bundles, plaintext; its absence or another boot id means reboot.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>Secret keys, 0700.</summary>
    public string Keys => Path.Combine(Root, "keys");

    public string DatabaseFile => Path.Combine(Root, "paas.db");

    /// <summary>One bare repository per app: git/&lt;app id&gt;.git, owned by paas-git.</summary>
    public string Git => Path.Combine(Root, "git");

    /// <summary>Content store: <see cref="Blobs"/>, <see cref="Snapshots"/>.</summary>
    public string Blobs => Path.Combine(Root, "blobs");

    public string Snapshots => Path.Combine(Root, "snapshots");

    public string Builds => Path.Combine(Root, "builds");

    /// <summary>Buildpacks that teams added, by the digest of their files.</summary>
    public string Buildpacks => Path.Combine(Root, "buildpacks");

    /// <summary>Layers of earlier steps of Dockerfiles: &lt;app id&gt;.img each.</summary>
    public string DockerfileCaches => Path.Combine(Root, "dockerfiles");

    /// <summary>Instance logs and uppers.</summary>
    public string Engine => Path.Combine(Root, "engine");

    /// <summary>Build and deploy logs.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The edge's own folder, owned by paas-edge: last route table, later certificates.</summary>
    public string Edge => Path.Combine(Root, "edge");

    public string Trash => Path.Combine(Root, "trash");

    /// <summary>Dashboard, API, git, registry: reached through the edge only.</summary>
    public string ControlSocket => Path.Combine(Run, "control.sock");

    /// <summary><see cref="ChangeEpoch"/>: written by control, mapped by the edge.</summary>
    public string EpochFile => Path.Combine(Run, "epoch");

    /// <summary>Root on the machine only: 0600 and peer uid 0.</summary>
    public string AdminSocket => Path.Combine(Run, "admin.sock");

    /// <summary>git's pre-receive hook hands a push to control here.</summary>
    public string HookSocket => Path.Combine(Run, "hook.sock");

    /// <summary>Control puts route tables here.</summary>
    public string EdgeSocket => Path.Combine(Run, "edge", "edge.sock");
}
