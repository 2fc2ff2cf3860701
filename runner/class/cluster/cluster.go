// Package cluster has the files that grade a class on many machines, and holds
// them to what they are read by:
//
//	class.sbatch   a script for Slurm: a job array, one task a shard
//	job.yaml       an Indexed Job for Kubernetes, one completion a shard
//	Containerfile  its image
//	class.yml      a workflow for GitHub Actions, one job of a matrix a shard
//
// Each is to be copied and edited. The engines run the shards, and run again what
// a lost machine had; package class makes one result of them.
//
// There is no code here but tests. Those run the script on a Slurm of their own,
// of two nodes, and take one of them away.
package cluster
