package main

func foreign() {}
